"""One report's way: loaded, judged, decided by the core, committed.

intake      the whole way
gather      what one pass is given to know
judge       marks judged once; unheard: those that nobody ever wrote down
writes      a plan as one set of changes
recording   what passes went by and decided, kept where somebody wants that
"""
