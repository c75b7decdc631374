"""What a document says in each language, and how each market writes dates and amounts."""

from samples.languages import dutch, english, french, german, italian, portuguese, spanish
from samples.languages.model import Language, Market

LANGUAGES: dict[str, Language] = {
    language.code: language
    for language in (
        english.ENGLISH,
        german.GERMAN,
        french.FRENCH,
        spanish.SPANISH,
        italian.ITALIAN,
        portuguese.PORTUGUESE,
        dutch.DUTCH,
    )
}

__all__ = ["LANGUAGES", "Language", "Market"]
