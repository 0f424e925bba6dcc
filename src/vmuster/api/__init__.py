"""The REST API: parse, ask the server, answer. No judgement of its own.

app       the application, put together
gates     what every request passes, before any route
inputs    what comes with a request, read
routes    a module for each noun
outputs   what goes out, and the document that describes it
"""
