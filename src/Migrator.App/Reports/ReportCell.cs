namespace Migrator.App.Reports;

/// <summary>What is in one cell of a <see cref="ReportTable"/>, or in one item of a <see cref="ReportList"/>. Texts may be
/// strangers'.</summary>
public sealed record ReportCell(string Text)
{
    /// <summary>Of a failure or a difference, before the text.</summary>
    public string? Code { get; init; }

    /// <summary>Below the text, in small print.</summary>
    public string? Note { get; init; }

    /// <summary>Where the text leads; null for nowhere.</summary>
    public string? Link { get; init; }

    /// <summary>A number that should not be there.</summary>
    public bool IsAlert { get; init; }

    /// <summary>A number that is 0: a narrow page leaves it out.</summary>
    public bool IsZero { get; init; }
}
