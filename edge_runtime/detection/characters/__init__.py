"""From the maps of the character detector to numbers.

In: a picture and a function that runs the detector. Out: numbers with their corners, characters and neighbours.
"""
