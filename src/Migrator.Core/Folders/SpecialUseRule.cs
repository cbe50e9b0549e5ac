using Migrator.Core.Migrations;

namespace Migrator.Core.Folders;

public enum SpecialUseRule
{
    /// <summary>To the target's folder of the same use where it has one (Sent to Sent Items), else by name.</summary>
    Match,

    /// <summary>By name, whatever the target's folders are for.</summary>
    Name,
}
