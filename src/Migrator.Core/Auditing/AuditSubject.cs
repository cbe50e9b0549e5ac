namespace Migrator.Core.Auditing;

/// <summary>What an act was done to: names and values, in order.</summary>
public sealed class AuditSubject : List<KeyValuePair<string, string>>
{
    public static AuditSubject Of(params (string Name, string? Value)[] parts)
    {
        var subject = new AuditSubject();
        foreach (var (name, value) in parts)
        {
            if (value is not null)
                subject.Add(KeyValuePair.Create(name, value));
        }
        return subject;
    }
}
