"""The tables; their constraints are the last guard of what the program promises."""

from relance.models.announcements import Announcement
from relance.models.approvals import Approval
from relance.models.bank import BankChange
from relance.models.company import Company, MailAccount, SecondFactor
from relance.models.customers import Contact, Customer, Source, Tag
from relance.models.documents import Document
from relance.models.dolibarr_writes import DolibarrWrite
from relance.models.fec import FecAccount, FecFile, FecItem
from relance.models.history import HistoryEntry
from relance.models.holds import Hold
from relance.models.imports import ImportBatch
from relance.models.invoices import InterruptingEvent, Invoice
from relance.models.levels import Level, Procedure, Step
from relance.models.lifecycle import LifecycleStatus
from relance.models.merges import CustomerMerge, DistinctCustomers
from relance.models.outbox import Attachment, OutboxMessage
from relance.models.payments import Allocation, Payment
from relance.models.pending import PendingPayment
from relance.models.postings import Posting, PostingProof
from relance.models.proposals import Proposal
from relance.models.rates import Rate
from relance.models.receipts import BankLine, BankStatement, PayerAccount
from relance.models.reminders import Reminder, ReminderLine
from relance.models.runs import Run, RunLine
from relance.models.spreadsheets import ImportChange, Spreadsheet, SpreadsheetProfile
from relance.models.stationery import Signatory, Stationery
from relance.models.sync import (
    DOLIBARR_NUMBERING,
    DolibarrConnection,
    DolibarrHint,
    DolibarrSync,
)
from relance.models.texts import Channel, Text, TextDraft
from relance.models.users import AccessLink, User

__all__ = [
    "DOLIBARR_NUMBERING",
    "AccessLink",
    "Allocation",
    "Announcement",
    "Approval",
    "Attachment",
    "BankChange",
    "BankLine",
    "BankStatement",
    "Channel",
    "Company",
    "Contact",
    "Customer",
    "CustomerMerge",
    "DistinctCustomers",
    "Document",
    "DolibarrConnection",
    "DolibarrHint",
    "DolibarrSync",
    "DolibarrWrite",
    "FecAccount",
    "FecFile",
    "FecItem",
    "HistoryEntry",
    "Hold",
    "ImportBatch",
    "ImportChange",
    "InterruptingEvent",
    "Invoice",
    "Level",
    "LifecycleStatus",
    "MailAccount",
    "OutboxMessage",
    "PayerAccount",
    "Payment",
    "PendingPayment",
    "Posting",
    "PostingProof",
    "Procedure",
    "Proposal",
    "Rate",
    "Reminder",
    "ReminderLine",
    "Run",
    "RunLine",
    "SecondFactor",
    "Signatory",
    "Source",
    "Spreadsheet",
    "SpreadsheetProfile",
    "Stationery",
    "Step",
    "Tag",
    "Text",
    "TextDraft",
    "User",
]
