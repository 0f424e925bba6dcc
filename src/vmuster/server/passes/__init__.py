"""One report's way: loaded, judged, decided by the core, committed.

intake      the whole way
turns       one transaction is judged while the one before it is written
gather      what one pass is given to know
judge       marks judged once; unheard: those that nobody ever wrote down
verifying   a plan under whose acts every mark is verified
writes      a plan as one set of changes
recording   what passes went by and decided, kept where somebody wants that
"""
