namespace Migrator.Core.Archives;

public enum LeaseAccess
{
    Read,
    Write,
    Upkeep,
    All,
}
