namespace Migrator.Core.Providers;

/// <summary>Which part of a mail address logs in.</summary>
public enum LoginNameForm
{
    Address,

    /// <summary>What precedes the @.</summary>
    LocalPart,
}
