"""``edge-digits webcam``.

In: a source of frames. Out: a window, or lines of events; a video and uncertain pictures where they are asked for.
"""
