"""The tests are one package, so that one module of them imports another by its name; the checkout's folder is on the
path.
"""
