"""A stub: everything is declared in pyproject.toml. Beam's --setup_file wants this file."""

from setuptools import setup

setup()
