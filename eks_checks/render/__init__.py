"""Renderers: one file per format. They phrase what is already there and decide nothing."""
