namespace Migrator.Storage.Keys;

internal enum KeyVaultOperation
{
    WrapKey,
    UnwrapKey,
}
