using Migrator.Core.Mail;

namespace Migrator.Core.Migrations;

/// <param name="Size">In bytes.</param>
public readonly record struct LargeMessage(Uid Uid, long Size);
