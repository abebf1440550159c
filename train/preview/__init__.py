"""Pictures for eyes.

In: strips, runs, folders of pictures. Out: contact sheets, charts, the sample pictures.
"""
