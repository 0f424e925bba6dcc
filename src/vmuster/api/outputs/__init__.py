"""What goes out.

answers     responses, said when they are sent
paging      lists, a page at a time
problems    refusals and failures as problem documents
waiting     answers that wait for something to happen
schemas     what routes give, by name
documents   the OpenAPI document, such that programs can be generated from it
"""
