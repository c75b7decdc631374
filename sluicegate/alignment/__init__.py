"""Alignment: which value of one row belongs to which value of another."""
