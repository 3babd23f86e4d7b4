"""What is found in learners' code: a stable name from a closed list, and what it is about."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from types import MappingProxyType

NOTHING: Mapping[str, str] = MappingProxyType({})


@dataclass(frozen=True)
class Finding:
    """A thing that is true of a learner's code.

    Attributes:
        name: of a closed list; it never changes, whatever the sentence says.
        parameters: what names the slip, as the argument or the factor; counted with the name.
        quoted: what is shown and never counted, as the learner's own code.
        sentence: what the learner is told.
    """

    name: str
    parameters: Mapping[str, str] = field(default_factory=lambda: NOTHING)
    quoted: Mapping[str, str] = field(default_factory=lambda: NOTHING)
    sentence: str = ""

    @property
    def label(self) -> str:
        """What is counted: the name, and the parameters where it has some.

        Example:
            >>> Finding("factor", {"factor": "2"}).label
            'factor(factor=2)'
        """
        inside = ", ".join(f"{key}={value}" for key, value in self.parameters.items())
        return f"{self.name}({inside})" if inside else self.name


class Catalogue(dict[str, str]):
    """The closed list of what a room can find: a sentence to each name, with {places} to fill.

    Example:
        >>> said = Catalogue({"factor": "This is {factor} times the right result."})
        >>> said.finding("factor", factor="2").sentence
        'This is 2 times the right result.'
        >>> said.finding("offset")
        Traceback (most recent call last):
            ...
        KeyError: 'offset'
    """

    def finding(self, name: str, quoted: Mapping[str, str] = NOTHING, **parameters: str) -> Finding:
        """Return a finding with its sentence.

        Raises:
            KeyError: the name is not in the list, or its sentence has a place that is not filled.
        """
        sentence = self[name].format(**parameters, **quoted)
        return Finding(name, MappingProxyType(parameters), MappingProxyType({**quoted}), sentence)
