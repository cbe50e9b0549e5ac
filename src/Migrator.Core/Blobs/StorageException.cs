using Migrator.Core.Jobs;
using Migrator.Core.Mail;

namespace Migrator.Core.Blobs;

/// <summary>Something that an archive, the store that it lies in, or a vault of keys and secrets did not do. The message says what happened and where; the
/// <see cref="Reason"/> says which kind it is and what to do.</summary>
public sealed class StorageException(Reason reason, string message, Exception? inner = null) : Exception(Secrets.Redact(message), inner)
{
    public Reason Reason { get; } = reason;
}
