"""How things are printed.

forms        as a table, JSON, YAML, CSV, or names alone
listing      what commands share that list things: columns, order, filters
columns      which columns the tables have
choosing     which things are printed, in which order, with which columns
tables       tables, in colours where they are wanted
encoding     JSON, YAML and CSV
moments      times in words
shortening   ids by their first characters
morning      the fleet on one screen
idling       why nothing automatic is done, and what ends that
explaining   a story as lines
previewing   what the next pass would do, in words
rehearsing   what a rehearsed request would change
"""
