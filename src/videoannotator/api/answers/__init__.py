"""What the routes answer, as the API's description shows it.

Most routes answer with the bytes they have; these records say what is in them, and the contract tests hold
the answers against them.
"""
