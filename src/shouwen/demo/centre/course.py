"""The course of one complaint: a matter's words turned into the acts of those whose steps they are.

What is to be done follows the regulation; when, and how late, follows from the pace and the hours
of those who do it.
"""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

from shouwen.complaints.words import Channel, Severity
from shouwen.demo.centre import matters, pace
from shouwen.demo.centre.diary import Diary
from shouwen.demo.centre.hours import ALWAYS, BY_DEPARTMENT, CALLS, FRONT_DESK, OFFICE, Hours
from shouwen.demo.centre.matters import Matter
from shouwen.demo.stories.telling import File, In, NumberOf, OneOf, Staff, Story, span

COMPANY_LEADER = "company-leader"
#: What comes in by itself, at any hour, and waits for the front desk to open.
WAITS = frozenset({Channel.EMAIL, Channel.WEB, Channel.API})


class Course(Diary):
    """One complaint from `came` on; `seed` decides how long everybody takes.

    `begun` says that another story's split began this one: it was received there. `begins` says
    when this one began another, by its key.
    """

    def __init__(self, matter: Matter, came: datetime, seed: int, *, begun: bool = False) -> None:
        super().__init__(matter, came, seed)
        self.begun = begun
        self.begins: dict[str, datetime] = {}
        self.taker = matter.taken_by or self.clerk(came)
        # When it was written down and alerted of, when a manager was named and departments asked,
        # when whoever is on the spot goes to work, and when whoever assists is done.
        self.heard = self.alerted = self.managed = came
        self.dispatched = self.begun_work = self.assisted = came

    def story(self, until: datetime) -> Story:
        """What of it has been written down until that moment."""
        self._tell()
        told = [act for act in self.acts if act.written_at(until) <= until]
        told.sort(key=lambda act: act.written_at(until))
        return Story(self.matter.project, self.matter.home, tuple(told), self.matter.key)

    def _tell(self) -> None:
        if not self.begun:
            self._receive()
        merged, unjustified = self.turn(matters.Merged), self.turn(matters.Unjustified)
        if merged is not None:
            into = {"into": NumberOf(merged.into), "reason": merged.reason}
            self.desk_does("assess", "merge", into)
        elif unjustified is not None:
            self._explain(unjustified)
        else:
            self._handle()

    # --- The front desk ---------------------------------------------------------------------------

    def _receive(self) -> None:
        matter = self.matter
        data: dict[str, Any] = {
            "channel": str(matter.channel),
            "subject": matter.subject,
            "content": matter.content,
            "wish": matter.wish,
            "place": matter.place,
            "happened": matter.happened,
            "category": matter.category,
            "severity": str(matter.severity),
            "needs_developer": matter.needs_developer,
            "confidential": matter.confidential,
        }
        if matter.about:
            data["about"] = Staff(matter.about)
        if any(matter.caller):
            data |= dict(zip(("name", "telephone"), matter.caller, strict=True))
        if matter.channel in WAITS:
            self.heard = FRONT_DESK.after(self.came, timedelta(minutes=self.rng.randint(3, 25)))
        self.do(self.taker, "receive", data, written=self.heard)
        self.at = self.heard
        attached = self.turn(matters.Attached)
        if attached is not None:
            self.at = self.soon(1, 4)
            self.do(self.taker, "attach", {"file": File(attached.name, attached.text)})
        same = self.turn(matters.SameCause)
        if same is not None:
            at = self.heard + span(same.after)
            one = {"incident": OneOf(same.title, same.place)}
            self.do(self.clerk(at), "join_incident", one, at=at)
        if matter.taken_by and not self.urgent:
            self.at = pace.done(self.rng, "relay", self.came, ALWAYS, of=matter.project)
            self.do(self.taker, "relay")

    def _explain(self, turn: matters.Unjustified) -> None:
        self.desk_does("assess", "assess", {"facts": turn.facts, "justified": "no"})
        self.at = pace.done(self.rng, "confirm", self.at, OFFICE)
        self.do(self.crew.centre_head, "confirm", {"agreed": "yes", "reason": turn.confirmed})
        explained = {"explanation": turn.explanation, "accepted": "yes"}
        if turn.mediated_by:
            explained |= {"accepted": "no", "department": self.code(turn.mediated_by)}
        self.desk_does("dispatch", "explain", explained)
        if turn.mediated_by:
            self.at = pace.done(self.rng, "mediate", self.at, OFFICE, of=turn.mediated_by)
            head = self.crew.head(turn.mediated_by)
            self.do(head, "mediate", {"outcome": "agreed", "account": turn.account})
        self._close()

    def _handle(self) -> None:
        matter = self.matter
        grave, declined = self.turn(matters.Grave), self.turn(matters.Declined)
        if grave is not None or matter.needs_developer:
            self._alarm(grave)
        if matter.facts:
            self.desk_does("assess", "assess", {"facts": matter.facts, "justified": "yes"})
        if declined is not None:
            self._dispatch(declined.by, matter.instructions)
            self.at = pace.done(self.rng, "answer", self.at, BY_DEPARTMENT[declined.by])
            refusal = {"department": self.code(declined.by), "reason": declined.reason}
            self.do(self.crew.head(declined.by), "decline", refusal)
        assisting = [self.code(department) for department, _did in matter.assisting]
        self._dispatch(matter.department, matter.instructions, assisting=assisting)
        self._manage()
        informed = self.soon(3, 15) if self.urgent else self.desk_done("inform")
        medium = "wechat" if matter.channel == Channel.CHAT else "phone"
        told = {"told": matter.told, "medium": medium}
        self.do(self.clerk(informed), "inform_customer", told, at=informed)
        self._aside()
        withdrawn = self.turn(matters.Withdrawn)
        if withdrawn is not None:
            self.at = max(self.at, informed)
            self.desk_does("assess", "withdraw", {"reason": withdrawn.reason})
            return
        if grave is not None:
            self._lead(grave)
        self._work(matter.result, turns=True)
        self._settle()

    def _dispatch(
        self, department: str, instructions: str, *, assisting: list[str] | None = None
    ) -> None:
        since, hours = self.at, BY_DEPARTMENT[department]
        if self.urgent:
            self.at = self.soon(0.5, 3)
        else:
            self.at = self.desk_done("dispatch")
            # Nobody would read it before they come to work: it is sent then, if it may wait.
            opening = hours.opening(self.at)
            if opening - since < timedelta(hours=11):
                self.at = max(self.at, opening + self.minutes(1, 20))
        self.dispatched = self.at
        data = {"department": self.code(department), "due_at": In(self.matter.limit)}
        data |= {"instructions": instructions, "assisting": assisting or []}
        self.do(self.clerk(), "dispatch", data)

    def _manage(self) -> None:
        """[P4] Complex and major complaints get a named manager."""
        if self.matter.severity in (Severity.COMPLEX, Severity.MAJOR):
            self.managed = pace.done(self.rng, "name_manager", self.heard, FRONT_DESK)
            manager = {"manager": Staff(self.crew.site_manager)}
            self.do(self.crew.centre_head, "name_manager", manager, at=self.managed)

    def _aside(self) -> None:
        """What the desk writes beside the work."""
        at = FRONT_DESK.after(self.at, self.minutes(3, 15))
        noted, referred = self.turn(matters.Noted), self.turn(matters.Referred)
        split = self.turn(matters.Split)
        if noted is not None:
            self.do(self.clerk(at), "note", {"text": noted.text}, at=at)
        if referred is not None:
            to = {"to": referred.to, "reason": referred.reason}
            self.do(self.clerk(at), "refer", to, at=at)
        if split is not None:
            other = {"content": split.content, "category": split.category}
            self.do(self.clerk(at), "split", other, at=at, begins=split.key)
            self.begins[split.key] = at

    # --- Emergencies, and what only leaders or the developer can solve ----------------------------

    def _alarm(self, grave: matters.Grave | None) -> None:
        matter = self.matter
        self.alerted = pace.done(self.rng, "alert", self.heard, ALWAYS, of=matter.project)
        self.at = max(self.at, self.alerted)
        departments = [matter.department, *(department for department, _did in matter.assisting)]
        data = {
            "departments": [self.code(each) for each in departments],
            "site_manager": grave is not None,
            "developer": matter.needs_developer,
            "reached": grave.reached if grave else "开发商客服部已接听，会派人到现场查看。",
        }
        self.do(self.taker, "alert", data, at=self.alerted)

    def _lead(self, grave: matters.Grave) -> None:
        leader = self.crew.site_manager
        at = pace.done(self.rng, "take_charge", self.alerted, ALWAYS)
        if grave.beyond:
            call = {"spoke_to": self.crew.called(COMPANY_LEADER), "reason": grave.beyond}
            self.do(leader, "escalate_to_company", call, at=at)
            self._report(leader, grave, at)
            leader, at = COMPANY_LEADER, at + self.minutes(2, 8)
        self.do(leader, "take_charge", {"measures": grave.measures}, at=at)
        who = self.member(self.matter.department)
        at = max(at, self.at) + self.minutes(3, 22)
        self.do(who, "arrive", {"scene": grave.scene}, at=at)
        if grave.controlled:
            at += self.minutes(6, 35)
            self.do(who, "control", {"measures": grave.controlled}, at=at)
        self.begun_work = at

    def _report(self, who: str, grave: matters.Grave, since: datetime) -> None:
        at = pace.done(self.rng, "report", since, Hours(8, 22))
        said = dict(zip(("facts", "measures", "cause"), grave.report, strict=True))
        self.do(who, "file_report", {"level": "company", **said}, at=at)

    # --- The department ---------------------------------------------------------------------------

    def _work(self, result: str, *, turns: bool) -> None:
        department, limit = self.matter.department, span(self.matter.limit)
        hours = ALWAYS if self.urgent else BY_DEPARTMENT[department]
        who, due = self.member(department), self.dispatched + limit
        self.at = self._accepts(who, department)
        if turns:
            for each, did in self.matter.assisting:
                self._assist(each, did)
            due = self._on_the_way(who, due)
        self.at = max(self.at, self.begun_work)
        finished = pace.work(self.rng, self.at, due, limit, hours, of=department)
        pressed = self.turn(matters.Urged)
        if turns and pressed is not None:
            finished = self._press(pressed, finished)
        told = pace.done(self.rng, "feedback", finished, ALWAYS, of=department)
        done = {"department": self.code(department), "result": result}
        self.do(who, "complete", done, at=finished, written=told)
        self.at = max(told, self.assisted)

    def _accepts(self, who: str, department: str) -> datetime:
        at = self.dispatched + self.minutes(1, 6)
        if not self.urgent:
            hours = BY_DEPARTMENT[department]
            at = pace.done(self.rng, "accept", self.dispatched, hours, of=department)
        self.do(who, "accept", {"department": self.code(department)}, at=at)
        return at

    def _assist(self, department: str, did: str) -> None:
        who = self.member(department)
        at = max(self._accepts(who, department), self.begun_work) + self.minutes(10, 40)
        self.do(who, "complete", {"department": self.code(department), "result": did}, at=at)
        self.assisted = max(self.assisted, at)

    def _on_the_way(self, who: str, due: datetime) -> datetime:
        """Whatever comes between accepting and completing; when it is due after that."""
        appointment, findings = self.turn(matters.Appointment), self.turn(matters.Findings)
        proposal, delay = self.turn(matters.Proposal), self.turn(matters.Delay)
        hours, code = BY_DEPARTMENT[self.matter.department], self.code(self.matter.department)
        if appointment is not None:
            self._call_at_home(who, code, appointment)
        if findings is not None:
            self.at = hours.after(self.at, self.minutes(25, 120))
            found = {"findings": findings.findings, "cause": findings.cause}
            found |= {"department": code, "responsible": findings.responsible}
            self.do(who, "investigate", found)
        if proposal is not None:
            self._propose(who, code, proposal)
        if delay is not None:
            due = self._delay(who, code, delay)
        return due

    def _call_at_home(self, who: str, code: str, appointment: matters.Appointment) -> None:
        self.at = self.soon(5, 25)
        day = self.at + timedelta(days=self.rng.choice((0, 1)))
        agreed = day.replace(hour=self.rng.choice((10, 15, 19)), minute=0, second=0, microsecond=0)
        if agreed < self.at + timedelta(hours=1):
            agreed += timedelta(days=1)
        made = {"department": code, "at": agreed, "where": appointment.where}
        self.do(who, "appoint", made)
        self.at = agreed + self.minutes(8, 45)
        kept = {"department": code, "outcome": appointment.outcome, "note": appointment.note}
        self.do(who, "keep_appointment", kept)

    def _propose(self, who: str, code: str, proposal: matters.Proposal) -> None:
        department = self.matter.department
        hours, head = BY_DEPARTMENT[department], self.crew.head(department)
        approver = self.crew.site_manager if who == head else head
        proposed = {"department": code, "solution": proposal.solution, "cost": proposal.cost}
        answers = [("refuse", proposal.refused)] if proposal.refused else []
        for answer, comment in [*answers, ("approve", proposal.comment)]:
            self.at = hours.after(self.at, self.minutes(30, 150))
            self.do(who, "propose", {**proposed, "customer_agrees": "yes"})
            self.at = pace.done(self.rng, "approve", self.at, OFFICE, of=department)
            self.do(approver, answer, {"comment": comment})

    def _delay(self, who: str, code: str, delay: matters.Delay) -> datetime:
        """[R4] The department reports, the desk agrees and tells the customer; the new limit."""
        self.at = BY_DEPARTMENT[self.matter.department].after(self.at, self.minutes(20, 90))
        due, later = self.at + span(delay.longer), In(delay.longer)
        reported = {"department": code, "reason": delay.reason, "new_due_at": later}
        self.do(who, "report_delay", reported)
        self.desk_does("assess", "extend", {"department": code, "due_at": later})
        self.desk_does("tell", "inform_customer", {"told": delay.told})
        return due

    def _press(self, turn: matters.Urged, finished: datetime) -> datetime:
        """The customer presses while the work goes on, which then takes at least that long."""
        at = self.at
        for words in turn.words:
            at = CALLS.after(at, self.minutes(150, 420))
            self.do(self.clerk(at), "urge", {"words": words}, at=at)
        if turn.answer:
            at = CALLS.after(at, self.minutes(20, 150))
            self.do(self.crew.centre_head, "inform_customer", {"told": turn.answer}, at=at)
        return max(finished, at + timedelta(minutes=30))

    # --- After the work ---------------------------------------------------------------------------

    def _settle(self) -> None:
        matter = self.matter
        back, unsolved = self.turn(matters.SentBack), self.turn(matters.NotSolved)
        if back is not None:
            self.desk_does("verify", "fail_verification", {"reason": back.reason})
            self._again(back.again)
        self._verify(back.again.checked if back else matter.checked)
        unreached = self.turn(matters.Unreached)
        for result in unreached.results if unreached else ():
            self.at = CALLS.after(self.at, self.minutes(60, 240))
            self.do(self.visitor(), "attempt_visit", {"result": result})
        if unsolved is not None:
            self._visit("unsolved", unsolved.satisfaction, unsolved.words)
            self._again(unsolved.again)
            self._verify(unsolved.again.checked)
        self._visit(matter.outcome, matter.satisfaction, matter.said)
        self._close()
        again = self.turn(matters.Reopened)
        if again is not None:
            self.at = CALLS.after(self.at, self.minutes(14 * 60, 60 * 60))
            self.do(self.clerk(), "reopen", {"reason": again.reason})
            self._again(again.again)
            self._verify(again.again.checked)
            self._visit("solved", again.satisfaction, again.words)
            self._close()

    def _again(self, again: matters.Again) -> None:
        self._dispatch(self.matter.department, again.instructions)
        self._work(again.result, turns=False)

    def _verify(self, checked: str) -> None:
        crew = self.crew
        if self.matter.needs_developer:
            self.at = pace.done(self.rng, "verify_jointly", self.at, FRONT_DESK)
            by = {"developer_by": crew.called(crew.developer)}
            by |= {"company_by": crew.called(crew.site_manager)}
            self.do(crew.developer, "verify_jointly", {"how": checked, **by})
        else:
            self.desk_does("verify", "verify", {"how": checked})
        if self.taker not in (*crew.desk, crew.centre_head):
            self.at = self.desk_done("inform_first_contact")
            told = {"told": f"已处理完毕并验证过：{checked}可以转告客户。", "medium": "wechat"}
            self.do(self.clerk(), "inform_first_contact", told)

    def _visit(self, outcome: str, satisfaction: str, words: str) -> None:
        self.at = pace.done(self.rng, "visit", self.at, CALLS, of=self.matter.project)
        said = {"outcome": outcome, "satisfaction": satisfaction, "words": words}
        self.do(self.visitor(), "visit", said)

    def _close(self) -> None:
        self.at = max(self.at, self.managed)
        self.desk_does("close", "close", {"summary": self.matter.summary})
