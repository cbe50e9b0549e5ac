namespace Migrator.Core.Migrations;

/// <summary>What a message at the target has in common with one at the source; ascending.</summary>
internal enum Likeness
{
    Content,

    /// <summary>And one of the two.</summary>
    DateOrFlags,

    DateAndFlags,
}
