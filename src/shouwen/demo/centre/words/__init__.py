"""The words of the simulated customer centre, matter by matter."""

from shouwen.demo.centre.words.environment import ENVIRONMENT
from shouwen.demo.centre.words.facility import FACILITY
from shouwen.demo.centre.words.fees import FEES
from shouwen.demo.centre.words.lift import WAVE
from shouwen.demo.centre.words.people import PEOPLE
from shouwen.demo.centre.words.repeat import REPEATED
from shouwen.demo.centre.words.safety import SAFETY

MATTERS = (*WAVE, *REPEATED, *ENVIRONMENT, *FACILITY, *SAFETY, *PEOPLE, *FEES)

__all__ = ["MATTERS"]
