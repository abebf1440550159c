"""How to use the models and the package elsewhere; see README.md in this folder."""
