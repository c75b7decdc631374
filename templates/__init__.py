"""The Flex Template: its image, its parameters, and the commands that stage and launch it."""
