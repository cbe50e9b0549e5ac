namespace Migrator.Storage.Auditing;

/// <summary>The lines of a trail for anyone who wants to read them, as far as they can be.</summary>
/// <param name="state">The state directory.</param>
public sealed class AuditReading(string state)
{
    /// <summary>Lines that were not as they were written, so far.</summary>
    public long Damaged { get; private set; }

    public string Directory => new AuditFiles(state).Directory;

    /// <exception cref="IOException">It cannot be read.</exception>
    /// <exception cref="UnauthorizedAccessException">There is no right to read it.</exception>
    public IEnumerable<AuditLine> Lines()
    {
        foreach (var path in new AuditFiles(state).All())
        {
            using var lines = new AuditLines(path);
            while (lines.Next())
            {
                if (lines.Line is { } line)
                    yield return line;
                else
                    Damaged++;
            }
        }
    }
}
