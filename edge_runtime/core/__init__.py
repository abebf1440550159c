"""What every room needs: errors, the types of a reading, geometry, OpenCV, facts of the machine.

In: nothing of this package. Out: small types and functions without state.
"""
