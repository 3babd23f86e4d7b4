"""Why is an answer wrong?"""
