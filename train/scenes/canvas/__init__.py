"""Pictures under way: a drawing with its labels, the warp into the scene, the camera.

In: lines and grounds. Out: ``Drawing``, pixels with labels that follow every move.
"""
