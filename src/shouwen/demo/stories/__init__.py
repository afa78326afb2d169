"""The complaints of the demo company, each told as the steps that were taken."""

from shouwen.demo.stories.at_work import AT_WORK
from shouwen.demo.stories.done import DONE
from shouwen.demo.stories.ended import ENDED
from shouwen.demo.stories.grave import GRAVE
from shouwen.demo.stories.waiting import WAITING
from shouwen.demo.stories.waves import WAVES

STORIES = (*GRAVE, *ENDED, *WAITING, *DONE, *AT_WORK, *WAVES)

__all__ = ["STORIES"]
