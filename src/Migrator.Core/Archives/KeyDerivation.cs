namespace Migrator.Core.Archives;

public enum KeyDerivation
{
    Argon2id,
    Pbkdf2Sha512,
}
