using Migrator.Core.Checkpoints;

namespace Migrator.Core.Migrations;

/// <summary>What a copy of ours is like at the target now.</summary>
/// <param name="Change">What somebody has changed, or why that is not known; null where it is as Migrator left it.</param>
internal sealed record CopyCondition(MessageRecord Record, string? Change)
{
    public bool IsUntouched => Change is null;
}
