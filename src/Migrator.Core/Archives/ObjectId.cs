using Migrator.Core.Mail;

namespace Migrator.Core.Archives;

/// <summary>What an object (a message or a page) is stored under: its content id, or in an encrypted archive
/// HMAC-SHA-256 of the content id under the archive's key, so that nobody without the key can tell whether a message that
/// they know is in it.</summary>
public readonly record struct ObjectId(ContentId Value)
{
    public override string ToString() => Value.ToString();
}
