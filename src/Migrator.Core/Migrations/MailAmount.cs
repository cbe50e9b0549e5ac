namespace Migrator.Core.Migrations;

/// <param name="Bytes">As far as sizes are known.</param>
public readonly record struct MailAmount(long Messages, long Bytes)
{
    public static MailAmount operator +(MailAmount one, MailAmount other) => new(one.Messages + other.Messages, one.Bytes + other.Bytes);

    /// <summary>One message more.</summary>
    public MailAmount With(long bytes) => new(Messages + 1, Bytes + bytes);
}
