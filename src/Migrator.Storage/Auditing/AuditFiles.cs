using System.Globalization;

namespace Migrator.Storage.Auditing;

/// <summary>Where the trail of a state directory lies.</summary>
/// <param name="State">The state directory.</param>
internal sealed record AuditFiles(string State)
{
    private const string Prefix = "audit-",
        Suffix = ".jsonl";

    public string Directory => Path.Combine(State, "audit");

    /// <summary>Not beside the files: anyone who removes or puts back the one should not do so with the other unawares.</summary>
    public string Head => Path.Combine(State, "audit.head");

    public string Lock => Path.Combine(Directory, "lock");

    /// <summary>A file whose first line has this sequence.</summary>
    public string Beginning(long sequence) =>
        Path.Combine(Directory, string.Create(CultureInfo.InvariantCulture, $"{Prefix}{sequence:D16}{Suffix}"));

    /// <summary>In the order in which they were written.</summary>
    public IReadOnlyList<string> All() =>
        !System.IO.Directory.Exists(Directory)
            ? []
            : [.. System.IO.Directory.EnumerateFiles(Directory, $"{Prefix}*{Suffix}").Order(StringComparer.Ordinal)];
}
