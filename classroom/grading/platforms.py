"""How learning platforms name what is downloaded from them: whose it is, and when it came in."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime


@dataclass(frozen=True)
class Platform:
    """A platform's way to name a file or a folder.

    Attributes:
        name: of the platform.
        pattern: of the part of a path that the platform adds. Its groups: `student`; `drawn`, a
            number that the platform draws anew for each assignment; `time` of the submission.
        source: where the manner is laid down.
    """

    name: str
    pattern: str
    source: str


# A pattern begins at the beginning of a part of the path, and what follows it is the student's own.
PLATFORMS = (
    Platform(
        "Moodle",  # a folder, or the beginning of a file's name
        r"(?P<student>Participant_\d+|[^/]+?)(?:_(?P<drawn>\d+))?_assignsubmission_[a-z]+(?:[/_]|$)",
        "github.com/moodle/moodle, mod/assign/classes/downloader.php",
    ),
    Platform(
        "Blackboard",
        r"[^/]+_(?P<student>[^/_]+)_attempt_(?P<time>\d{4}(?:-\d\d){5})(?:_|(?=\.|$))",
        "nbgrader.readthedocs.io, FileNameCollectorPlugin.named_regexp",
    ),
    Platform(
        "Brightspace",  # a folder, in old versions the beginning of a file's name
        r"\d+-\d+ - (?P<student>[^/]+?) - (?P<time>[^/]*?\d{4} [^/]*?)(?: - |/|$)",
        "no page of the maker's says it; so do programs that read its downloads, such as "
        "grader_helper's parse_brightspace_folder",
    ),
    Platform(
        "Canvas",
        r"(?P<student>(?!LATE_)\w+?)(?:_LATE|_late)?_(?P<id>\d{3,})_\d{4,}_",
        "github.com/instructure/canvas-lms, lib/content_zipper.rb",
    ),
    Platform(
        "Canvas without names",
        r"(?:LATE_)?(?P<student>anon_[^\W_]+)_\d{4,}_",
        "github.com/instructure/canvas-lms, lib/content_zipper.rb",
    ),
    Platform(
        "Gradescope",  # whose a folder is stands in submission_metadata.yml
        r"(?P<student>submission_\d+)/",
        "gist.github.com/m13253/f3e418a556df9506f7494e0f9cd8e80f, which reads its exports",
    ),
    Platform(
        "Sakai",
        r"(?P<student>[^/]+\([^/()]+\))[/_]Submission attachment\(s\)[/_]",
        "github.com/sakaiproject/sakai, AssignmentServiceImpl.java",
    ),
    Platform(
        "Microsoft Teams",
        r"Submitted files/(?P<student>[^/]+)/",
        "learn.microsoft.com, Assignments admin documentation: the library Student Work",
    ),
    Platform(
        "GitHub Classroom",
        r"(?P<assignment>[^/]+)-submissions/(?P=assignment)-(?P<student>[^/]+)/",
        "github.com/github/gh-classroom, cmd/gh-classroom/clone/student-repos",
    ),
)
# What else lies in a download, and nobody handed in.
EXTRAS = {"index.html", "submission_metadata.yml", "grades.csv", "onlinetext.html", "timestamp.txt"}
METADATA = "submission_metadata.yml"
TIMES = ("%Y-%m-%d-%H-%M-%S", "%b %d, %Y %I%M %p", "%B %d, %Y %I%M %p", "%d %B %Y %I%M %p")


@dataclass(frozen=True)
class Sign:
    """What a platform wrote.

    Attributes:
        platform: its name.
        student: whose the file is.
        drawn: a number that tells students of one name apart, if the platform draws one.
        time: of the submission, in seconds since 1970, if it can be read.
        rest: of the path, which is the student's own.
    """

    platform: str
    student: str
    drawn: str
    time: float | None
    rest: str


def sign(path: str) -> Sign | None:
    """Return what a platform wrote into a path, or nothing.

    Example:
        >>> found = sign("12-34 - Ada Lovelace - Nov 20, 2026 1022 PM/hw.ipynb")
        >>> found.platform, found.student, found.rest
        ('Brightspace', 'Ada Lovelace', 'hw.ipynb')
        >>> sign("week 3/lovelaceada_LATE_1234_56789_hw.ipynb").student
        'lovelaceada_1234'
        >>> sign("Ada/03_regression.ipynb")
    """
    for platform in PLATFORMS:
        if match := re.search(f"(?:^|(?<=/)){platform.pattern}", path):
            parts = match.groupdict()
            student = "_".join(filter(None, [parts["student"], parts.get("id")]))
            time, drawn = seconds(parts.get("time") or ""), parts.get("drawn") or ""
            return Sign(platform.name, student, drawn, time, path[match.end() :])
    return None


def seconds(time: str) -> float | None:
    """Return a time that a platform wrote as seconds since 1970, or nothing.

    Example:
        >>> seconds("Nov 20, 2026 1022 PM") - seconds("Nov 20, 2026 908 PM")
        4440.0
    """
    # Without a colon, Python would read 112 as 11:02.
    padded = re.sub(r"\b(\d):?(\d\d)(?= [AP]M$)", r"0\1\2", time.replace(":", ""))
    for form in TIMES:
        try:
            return datetime.strptime(padded, form).timestamp()
        except ValueError:
            continue
    return None


def submitters(metadata: str) -> Mapping[str, str]:
    r"""Return who handed in each folder of a Gradescope export.

    Example:
        >>> submitters("submission_7:\n  :submitters:\n  - :name: Ada\n  - :name: Bob\n")
        {'submission_7': 'Ada, Bob'}
    """
    import yaml

    try:
        found = yaml.load(metadata, getattr(yaml, "CSafeLoader", yaml.SafeLoader))
        return {
            folder: ", ".join(str(one[":name"]) for one in about[":submitters"])
            for folder, about in found.items()
        }
    except (yaml.YAMLError, AttributeError, KeyError, TypeError):
        return {}
