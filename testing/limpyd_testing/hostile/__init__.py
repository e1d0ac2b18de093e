"""Hostile input: names, pks and values that nobody should send, through every entry point.

===========  ===================================================================================
`arguments`  texts, bytes, numbers and objects that are hostile, and calls that are made of them
`world`      the models and objects that they come to, and what must hold after each step
`steps`      the operations, each with the keys that it may change
`choice`     how hypothesis chooses steps
===========  ===================================================================================
"""
