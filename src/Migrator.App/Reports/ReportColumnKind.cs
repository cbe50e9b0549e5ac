namespace Migrator.App.Reports;

public enum ReportColumnKind
{
    Text,

    /// <summary>The folder or mailbox that a row is about.</summary>
    Lead,

    Number,

    Subject,

    /// <summary>Flags, a date, a size: as the server has it.</summary>
    Value,

    /// <summary>A code and what happened: needs the most room.</summary>
    Why,
}
