namespace Migrator.Core.Archives.Headers;

/// <summary>How much of a message's header is kept, in bytes.</summary>
/// <param name="Head">From the beginning of the message, what is examined.</param>
/// <param name="Field">Of one field.</param>
/// <param name="Message">Of all fields of a message together.</param>
public sealed record HeaderLimits(int Head, int Field, int Message)
{
    /// <summary>Fields of one message, at most.</summary>
    public const int Fields = 64;

    /// <summary>What is kept in the archive.</summary>
    public static readonly HeaderLimits Kept = new(64 << 10, 4 << 10, 16 << 10);

    /// <summary>What is examined where the message itself is read.</summary>
    public static readonly HeaderLimits Read = new(256 << 10, 256 << 10, 256 << 10);
}
