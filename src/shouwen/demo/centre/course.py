"""The course of one complaint: a matter's words turned into the acts of those whose steps they are.

What is to be done follows the regulation; when, and how late, follows from the pace and the hours
of those who do it.
"""

from __future__ import annotations

from datetime import datetime, timedelta
from random import Random
from typing import Any, TypeVar

from shouwen.complaints.words import GRAVE, Channel, Severity
from shouwen.demo.centre import matters, pace
from shouwen.demo.centre.crew import Crew
from shouwen.demo.centre.hours import ALWAYS, BY_DEPARTMENT, CALLS, FRONT_DESK, OFFICE, Hours
from shouwen.demo.centre.matters import Matter
from shouwen.demo.stories.telling import Act, File, In, NumberOf, On, Staff, Story, span

COMPANY_LEADER = "company-leader"
#: What comes in by itself, at any hour, and waits for the front desk to open.
WAITS = frozenset({Channel.EMAIL, Channel.WEB, Channel.API})

Kind = TypeVar("Kind", bound=matters.Turn)


class Course:
    """One complaint from `came` on; `seed` decides how long everybody takes.

    `begun` is the key of the story that began this one by a split: it was received there.
    `begins` says when this one began another, by its key.
    """

    def __init__(self, matter: Matter, came: datetime, seed: int, *, begun: bool = False) -> None:
        self.matter = matter
        self.rng = Random(f"{seed}/{matter.key}")
        self.crew = Crew(matter.project)
        self.came = self.at = came
        self.begun = begun
        self.begins: dict[str, datetime] = {}
        self.acts: list[Act] = []
        # When it was written down, when departments, leaders and whoever works on the spot began.
        self.heard = self.dispatched = self.alerted = self.begun_work = self.assisted = came
        self.taker = matter.taken_by or self.crew.clerk(came)
        self.urgent = matter.severity in GRAVE

    def story(self, until: datetime) -> Story:
        """What of it has been written down until that moment."""
        self._tell()
        told = [act for act in self.acts if act.written_at(until) <= until]
        told.sort(key=lambda act: act.written_at(until))
        matter = self.matter
        return Story(matter.project, matter.home, tuple(told), matter.key)

    def _tell(self) -> None:
        if not self.begun:
            self._receive()
        merged, unjustified = self._turn(matters.Merged), self._turn(matters.Unjustified)
        if merged is not None:
            self._by_desk("assess", "merge", into=NumberOf(merged.into), reason=merged.reason)
        elif unjustified is not None:
            self._explain(unjustified)
        else:
            self._handle()

    # --- The front desk -----------------------------------------------------------------------

    def _receive(self) -> None:
        matter = self.matter
        data: dict[str, Any] = {
            "channel": str(matter.channel),
            "subject": matter.subject,
            "content": matter.content,
            "category": matter.category,
            "severity": str(matter.severity),
            "needs_developer": matter.needs_developer,
            "confidential": matter.confidential,
        }
        for name in ("wish", "place", "happened"):
            data[name] = getattr(matter, name)
        if matter.about:
            data["about"] = Staff(matter.about)
        if any(matter.caller):
            data |= dict(zip(("name", "telephone"), matter.caller, strict=True))
        written = self.came
        if matter.channel in WAITS:
            written = FRONT_DESK.after(self.came, timedelta(minutes=self.rng.randint(3, 25)))
        self._do(self.taker, "receive", written=written, **data)
        self.at = self.heard = written
        attached = self._turn(matters.Attached)
        if attached is not None:
            self.at += timedelta(minutes=self.rng.uniform(1, 4))
            self._do(self.taker, "attach", file=File(attached.name, attached.text))
        if matter.taken_by and not self.urgent:
            self.at = pace.done(self.rng, "relay", self.came, ALWAYS, of=matter.project)
            self._do(self.taker, "relay")

    def _assess(self, facts: str, justified: str) -> None:
        self.at = self._desk("assess", self.at)
        self._do(self._clerk(), "assess", facts=facts, justified=justified)

    def _explain(self, turn: matters.Unjustified) -> None:
        self._assess(turn.facts, "no")
        self.at = pace.done(self.rng, "confirm", self.at, OFFICE)
        self._do(self.crew.centre_head, "confirm", agreed="yes", reason=turn.confirmed)
        data = {"department": self._code(turn.mediated_by)} if turn.mediated_by else {}
        accepted = "no" if turn.mediated_by else "yes"
        explanation = turn.explanation
        self._by_desk("dispatch", "explain", explanation=explanation, accepted=accepted, **data)
        if turn.mediated_by:
            self.at = pace.done(self.rng, "mediate", self.at, OFFICE, of=turn.mediated_by)
            head = self.crew.head(turn.mediated_by)
            self._do(head, "mediate", outcome="agreed", account=turn.account)
        self._close()

    def _handle(self) -> None:
        matter = self.matter
        grave, declined = self._turn(matters.Grave), self._turn(matters.Declined)
        if grave is not None or matter.needs_developer:
            self._alarm(grave)
        if matter.facts:
            self._assess(matter.facts, "yes")
        if declined is not None:
            self._dispatch(declined.by, matter.instructions)
            self.at = pace.done(self.rng, "answer", self.at, BY_DEPARTMENT[declined.by])
            code, head = self._code(declined.by), self.crew.head(declined.by)
            self._do(head, "decline", department=code, reason=declined.reason)
        assisting = tuple(department for department, _did in matter.assisting)
        self._dispatch(matter.department, matter.instructions, assisting=assisting)
        self._manage()
        informed = self._soon(3, 15) if self.urgent else self._desk("inform", self.at)
        medium = "wechat" if matter.channel == Channel.CHAT else "phone"
        self._do(
            self._clerk(informed), "inform_customer", informed, told=matter.told, medium=medium
        )
        self._aside(informed)
        withdrawn = self._turn(matters.Withdrawn)
        if withdrawn is not None:
            self.at = max(self.at, informed)
            self._by_desk("assess", "withdraw", reason=withdrawn.reason)
            return
        self._lead(grave)
        self._work(matter.result, turns=True)
        self._settle()

    def _dispatch(
        self, department: str, instructions: str, *, assisting: tuple[str, ...] = ()
    ) -> None:
        since, hours = self.at, BY_DEPARTMENT[department]
        if self.urgent:
            self.at = self._soon(0.5, 3)
        else:
            self.at = self._desk("dispatch", since)
            # Nobody would read it before they come to work: the desk sends it then, if it may wait.
            opening = hours.opening(self.at)
            if opening - since < timedelta(hours=11):
                self.at = max(self.at, opening + timedelta(minutes=self.rng.uniform(1, 20)))
        self.dispatched = self.at
        data: dict[str, Any] = {"department": self._code(department)}
        data |= {"due_at": In(self.matter.limit), "instructions": instructions}
        if assisting:
            data["assisting"] = [self._code(each) for each in assisting]
        self._do(self._clerk(), "dispatch", **data)

    def _manage(self) -> None:
        """[P4] Complex and major complaints get a named manager."""
        if self.matter.severity in (Severity.COMPLEX, Severity.MAJOR):
            at = pace.done(self.rng, "name_manager", self.heard, FRONT_DESK)
            manager = Staff(self.crew.site_manager)
            self._do(self.crew.centre_head, "name_manager", at, manager=manager)

    def _aside(self, at: datetime) -> None:
        """What the desk writes beside the work."""
        noted, referred, split = (
            self._turn(kind) for kind in (matters.Noted, matters.Referred, matters.Split)
        )
        at = FRONT_DESK.after(max(at, self.at), timedelta(minutes=self.rng.uniform(3, 15)))
        if noted is not None:
            self._do(self._clerk(at), "note", at, text=noted.text)
        if referred is not None:
            self._do(self._clerk(at), "refer", at, to=referred.to, reason=referred.reason)
        if split is not None:
            data = {"content": split.content, "category": split.category}
            self._do(self._clerk(at), "split", at, begins=split.key, **data)
            self.begins[split.key] = at

    # --- Emergencies and what only leaders or the developer can solve ----------------------------

    def _alarm(self, grave: matters.Grave | None) -> None:
        matter = self.matter
        self.at = self.alerted = pace.done(self.rng, "alert", self.came, ALWAYS, of=matter.project)
        assisting = [department for department, _did in matter.assisting]
        codes = [self._code(each) for each in (matter.department, *assisting)]
        reached = grave.reached if grave else "开发商客服部已接听，会派人到现场查看。"
        self._do(
            self._clerk(),
            "alert",
            departments=codes,
            site_manager=grave is not None,
            developer=matter.needs_developer,
            reached=reached,
        )

    def _lead(self, grave: matters.Grave | None) -> None:
        if grave is None:
            return
        manager, leads = self.crew.site_manager, self.crew.site_manager
        at = pace.done(self.rng, "take_charge", self.alerted, ALWAYS)
        if grave.beyond:
            data = {"spoke_to": self.crew.called(COMPANY_LEADER), "reason": grave.beyond}
            self._do(manager, "escalate_to_company", at, **data)
            facts, measures, cause = grave.report
            filed = pace.done(self.rng, "report", at, Hours(8, 22))
            report = {"level": "company", "facts": facts, "measures": measures, "cause": cause}
            self._do(manager, "file_report", filed, **report)
            leads, at = COMPANY_LEADER, at + timedelta(minutes=self.rng.uniform(2, 8))
        self._do(leads, "take_charge", at, measures=grave.measures)
        who = self._member(self.matter.department)
        at = max(at, self.at) + timedelta(minutes=self.rng.uniform(3, 22))
        self._do(who, "arrive", at, scene=grave.scene)
        if grave.controlled:
            at += timedelta(minutes=self.rng.uniform(6, 35))
            self._do(who, "control", at, measures=grave.controlled)
        self.begun_work = at

    # --- The department ---------------------------------------------------------------------------

    def _work(self, result: str, *, turns: bool) -> None:
        department, matter = self.matter.department, self.matter
        hours = ALWAYS if self.urgent else BY_DEPARTMENT[department]
        who, code = self._member(department), self._code(department)
        limit = span(matter.limit)
        due = self.dispatched + limit
        self.at = self._accepts(who, department)
        if turns:
            for each, did in matter.assisting:
                self._assist(each, did)
            due = self._on_the_way(who, code, due)
        self.at = max(self.at, self.begun_work)
        finished = pace.work(self.rng, self.at, due, limit, hours, of=department)
        pressed = self._turn(matters.Urged) if turns else None
        if pressed is not None:
            finished = self._press(pressed, self.at, finished)
        told = pace.done(self.rng, "feedback", finished, ALWAYS, of=department)
        self._do(who, "complete", finished, written=told, department=code, result=result)
        self.at = max(told, self.assisted)

    def _assist(self, department: str, did: str) -> None:
        who = self._member(department)
        at = max(self._accepts(who, department), self.begun_work)
        at += timedelta(minutes=self.rng.uniform(10, 40))
        self._do(who, "complete", at, department=self._code(department), result=did)
        self.assisted = max(self.assisted, at)

    def _accepts(self, who: str, department: str) -> datetime:
        at = self.dispatched + timedelta(minutes=self.rng.uniform(1, 6))
        if not self.urgent:
            hours = BY_DEPARTMENT[department]
            at = pace.done(self.rng, "accept", self.dispatched, hours, of=department)
        self._do(who, "accept", at, department=self._code(department))
        return at

    def _on_the_way(self, who: str, code: str, due: datetime) -> datetime:
        """Whatever comes between accepting and completing; when it is due after that."""
        hours = BY_DEPARTMENT[self.matter.department]
        appointment, findings = self._turn(matters.Appointment), self._turn(matters.Findings)
        proposal, delay = self._turn(matters.Proposal), self._turn(matters.Delay)
        if appointment is not None:
            self._visit_home(who, code, appointment)
        if findings is not None:
            self.at = hours.after(self.at, timedelta(minutes=self.rng.uniform(25, 120)))
            found = {"findings": findings.findings, "cause": findings.cause}
            responsible = findings.responsible
            self._do(who, "investigate", department=code, responsible=responsible, **found)
        if proposal is not None:
            self._propose(who, code, proposal)
        if delay is not None:
            longer = span(delay.longer)
            self.at = hours.after(self.at, timedelta(minutes=self.rng.uniform(20, 90)))
            new_due = In(delay.longer)
            data = {"department": code, "reason": delay.reason, "new_due_at": new_due}
            self._do(who, "report_delay", **data)
            due = self.at + longer
            self.at = self._desk("assess", self.at)
            self._do(self._clerk(), "extend", department=code, due_at=new_due)
            self.at = self._desk("tell", self.at)
            self._do(self._clerk(), "inform_customer", told=delay.told)
        return due

    def _visit_home(self, who: str, code: str, appointment: matters.Appointment) -> None:
        self.at += timedelta(minutes=self.rng.uniform(5, 25))
        day = self.at + timedelta(days=self.rng.choice((0, 1)))
        agreed = day.replace(hour=self.rng.choice((10, 15, 19)), minute=0, second=0, microsecond=0)
        if agreed < self.at + timedelta(hours=1):
            agreed += timedelta(days=1)
        self._do(who, "appoint", department=code, at_=agreed, where=appointment.where)
        self.at = agreed + timedelta(minutes=self.rng.uniform(8, 45))
        kept = {"outcome": appointment.outcome, "note": appointment.note}
        self._do(who, "keep_appointment", department=code, **kept)

    def _propose(self, who: str, code: str, proposal: matters.Proposal) -> None:
        hours = BY_DEPARTMENT[self.matter.department]
        head = self.crew.head(self.matter.department)
        approver = self.crew.site_manager if who == head else head
        proposed = {"solution": proposal.solution, "cost": proposal.cost}
        answers = [("refuse", proposal.refused)] if proposal.refused else []
        for answer, comment in [*answers, ("approve", proposal.comment)]:
            self.at = hours.after(self.at, timedelta(minutes=self.rng.uniform(30, 150)))
            self._do(who, "propose", department=code, customer_agrees="yes", **proposed)
            self.at = pace.done(self.rng, "approve", self.at, OFFICE, of=self.matter.department)
            self._do(approver, answer, comment=comment)

    def _press(self, turn: matters.Urged, since: datetime, finished: datetime) -> datetime:
        """The customer presses while the work goes on, which then takes at least that long."""
        at = since
        for words in turn.words:
            at = CALLS.after(at, timedelta(minutes=self.rng.uniform(150, 420)))
            self._do(self._clerk(at), "urge", at, words=words)
        if turn.answer:
            at = CALLS.after(at, timedelta(minutes=self.rng.uniform(20, 150)))
            self._do(self.crew.centre_head, "inform_customer", at, told=turn.answer)
        return max(finished, at + timedelta(minutes=30))

    # --- After the work ---------------------------------------------------------------------------

    def _settle(self) -> None:
        matter = self.matter
        back = self._turn(matters.SentBack)
        if back is not None:
            self._by_desk("verify", "fail_verification", reason=back.reason)
            self._again(back.again)
        self._verify(back.again.checked if back else matter.checked)
        for result in getattr(self._turn(matters.Unreached), "results", ()):
            self.at = CALLS.after(self.at, timedelta(minutes=self.rng.uniform(60, 240)))
            self._do(self._visitor(), "attempt_visit", result=result)
        unsolved = self._turn(matters.NotSolved)
        if unsolved is not None:
            self._visit("unsolved", unsolved.satisfaction, unsolved.words)
            self._again(unsolved.again)
            self._verify(unsolved.again.checked)
        self._visit(matter.outcome, matter.satisfaction, matter.said)
        self._close()
        again = self._turn(matters.Reopened)
        if again is not None:
            self.at = CALLS.after(self.at, timedelta(hours=self.rng.uniform(14, 60)))
            self._do(self._clerk(), "reopen", reason=again.reason)
            self._again(again.again)
            self._verify(again.again.checked)
            self._visit("solved", again.satisfaction, again.words)
            self._close()

    def _again(self, again: matters.Again) -> None:
        self._dispatch(self.matter.department, again.instructions)
        self._work(again.result, turns=False)

    def _verify(self, checked: str) -> None:
        if self.matter.needs_developer:
            self.at = pace.done(self.rng, "verify_jointly", self.at, FRONT_DESK)
            by = (self.crew.developer, self.crew.site_manager)
            names = dict(
                zip(("developer_by", "company_by"), map(self.crew.called, by), strict=True)
            )
            self._do(self.crew.developer, "verify_jointly", how=checked, **names)
        else:
            self._by_desk("verify", "verify", how=checked)
        if self.taker not in (*self.crew.desk, self.crew.centre_head):
            told = self._desk("inform_first_contact", self.at)
            words = f"已处理完毕并验证过：{checked}可以转告客户。"
            self._do(self._clerk(told), "inform_first_contact", told, told=words, medium="wechat")
            self.at = told

    def _visit(self, outcome: str, satisfaction: str, words: str) -> None:
        self.at = pace.done(self.rng, "visit", self.at, CALLS, of=self.matter.project)
        data = {"outcome": outcome, "satisfaction": satisfaction, "words": words}
        self._do(self._visitor(), "visit", **data)

    def _close(self) -> None:
        self._by_desk("close", "close", summary=self.matter.summary)

    # --- How it is written down ---------------------------------------------------------------------

    def _do(
        self,
        who: str,
        step: str,
        at: datetime | None = None,
        *,
        written: datetime | None = None,
        begins: str = "",
        **data: Any,
    ) -> None:
        at = (self.came if step == "receive" else at or self.at).replace(microsecond=0)
        minutes = max(0, int(((written or at) - at).total_seconds() // 60))
        if "at_" in data:
            data["at"] = data.pop("at_")
        self.acts.append(Act(On(at), who, step, data, f"{minutes}m", begins))

    def _by_desk(self, duty: str, step: str, **data: Any) -> None:
        self.at = self._desk(duty, self.at)
        self._do(self._clerk(), step, **data)

    def _desk(self, duty: str, since: datetime, hours: Hours = FRONT_DESK) -> datetime:
        return pace.done(self.rng, duty, since, hours, of=self.matter.project)

    def _soon(self, least: float, most: float) -> datetime:
        return self.at + timedelta(minutes=self.rng.uniform(least, most))

    def _clerk(self, at: datetime | None = None) -> str:
        return self.crew.clerk(at or self.at)

    def _visitor(self) -> str:
        return self.crew.developer if self.matter.needs_developer else self._clerk()

    def _member(self, department: str) -> str:
        who = self.crew.member(department, Random(f"{self.matter.key}/{department}"))
        return who if who != self.matter.about else self.crew.head(department)

    def _code(self, department: str) -> str:
        return f"{self.matter.project.lower()}-{department}"

    def _turn(self, kind: type[Kind]) -> Kind | None:
        return next((turn for turn in self.matter.turns if isinstance(turn, kind)), None)
