"""Python environments outside the checkout: what a user asks for, which interpreter fits, how they are made and kept.

spec            what an environment holds, and how a user says it
interpreters    the Pythons that are installed
installers      pip and uv, which resolve and install
choosing        the Python of an environment where none is named
making          environments in the user's cache, one for each resolution
"""

from conformance.environments.making import Made, cache_folder, interpreter_of, make
from conformance.environments.spec import INSTALLERS, EnvironmentSpec, Side, parse

__all__ = ["INSTALLERS", "EnvironmentSpec", "Made", "Side", "cache_folder", "interpreter_of", "make", "parse"]
