"""What characters stand on and are made of.

In: the bank of background crops, random numbers. Out: pictures without characters, colours, ways to lay ink on them.
"""
