"""The simulated customer centre: who takes which step of a complaint, when, and how late.

`matters` are words, written one by one; `calendar` says when each comes in, `pace` how long people
take over a duty, `course` turns a matter into the acts of a story.
"""
