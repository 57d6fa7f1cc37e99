"""Figures: each script measures one piece of work and its floor."""
