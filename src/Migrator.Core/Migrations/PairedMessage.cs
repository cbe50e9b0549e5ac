using Migrator.Core.Mail;

namespace Migrator.Core.Migrations;

/// <summary>A message of the source, and its copy at the target.</summary>
internal readonly record struct PairedMessage(int Mapping, Uid Uid, Uid TargetUid, long Size, DateTimeOffset Date, ContentId Content)
{
    public static PairedMessage Of(ReadMessage source, ReadMessage target) =>
        new(source.Mapping, source.Uid, target.Uid, source.Size, source.Date, source.Content);
}
