using System.IO.Compression;
using System.Security.Cryptography;
using CloudStore.Storage.Files.Cobblestone;

namespace CloudStore.Storage.Tests.Files.Cobblestone;

/// <summary>Cobblestone-256 against the vectors that the specification's author published, and against vectors made by an independent program from the specification's text.</summary>
public sealed class VectorTests
{
    private static readonly byte[] PublishedKey = "YELLOW SUBMARINE YELLOW SUBMARIN"u8.ToArray();

    // Of Project Wycheproof's vectors for Cobblestone-256 (c2sp.org/chunked-encryption), by their numbers, those that are short.
    [Theory]
    [InlineData(1, "", "78da004800b7ff43a2e39431cbae0389d3fc86adf46f7c3a24de88d9311617e53f3164cc1d5dc738a66b97f0bf786565c31799c2f463d50a7e10046011dc6fc3c939e3a5db7affb6191551669554fb010000ffff4bc124df", "cf83e1357eefb8bdf1542850d66d8007")]
    [InlineData(2, "", "78da004f00b0ffa1a1b56f6db58cd1ede0c5c9db62aef20d3f96a6c594bb9252bb38122de91236502b42a1d7fcab820ffa292940d2f86add212cfa42c38df19d3cc9139ee61a5990d3db57433514229beea49a8a72bd010000ffffdb4f2a44", "e85f32a85f1d4f7c9b2d36d20eca8435")]
    [InlineData(3, "", "78daecc0312b05010000e0ab33889449c9a0cb22b9ba89943f70a5fc02db1918582c6e757465a0db6eb11ad5a52e1383b2dca26c66a4647b75f55ebdf733def27d4f7ff71fd7e9db7137b778b1558707cdd27cf270d4177b2f7751f738d80e376f9ed7aaaf7c793dfa0d47ef2797b3e57ed6bf360100000000000000000000000000000030750bc9613ffc6cafd232cb57ebd3b320de5d29cedbf876a7da18ff7fffcc4c020000ffffea552abb", "db9e441f318209d02c8eaedfa94be7a0")]
    [InlineData(4, "", "78daecd0bf2b05010000e057b7d8defc5296b788cda88ce495e10d4a51865726b2d09592e1ba18c8c5250bc748dde094410ccaea57ec2283888c57a6f767dcf27d7fc277bed777fc96e565eb3b5d1b7e1e8c5e6677ff3b0737ad93c7e946efd15d732359df1f5f196a4ffc66a7f5ab9db9783e9d7c2a1a5b35000000000000000000000000000000a0726998070f97f7edbf7acff2f6d8f58711000000000000000000000000000000a8dee7ebe6ed623093f49f45f1577938b2f053d49a03e1d4fb45dc590d9646bb010000ffff046e3552", "ccf53be90b5c9bc1aad1fb9b37e86fd6")]
    [InlineData(5, "", "78daecd0312b44010000e02b1365b8bac97048e965b9a46e910ce76222bda26e1289d47b3218947a6579623088494f4a3683d1248b4c262965b0199e6230bc4cf733def27d3fe18bde96c28fabfdc1eae2dce5571caedc0d5f17b717b5707bf3a67efad033feda6a06e76bd3239fcfc55e75f67868e2fbbff3988e9e5500000000000000000000000000000080d2650b7df5df7827cf0fb3e065ec64de0800000000000000000000000000000094afb6be75d4dfbe9f6c4dcd34929f666f6560e3a971f0b7bafbbe9cb6834e1275030000ffff850d2e54", "365a0363626fc42718c9fb3507b9e06a")]
    [InlineData(6, "", "78daecc0ad4a0301000060c560f019c49faca0ed821ea2588c62100541cc2746413841835a7c018b20076a325dd4032d8eb5856361db2d6d6c8b2b838ded3156beeff3fce3e4eb20e9fcf5aaedb07ffb589b1f657190fee7f16f763d3bdcf9ce8aabe5d74a145e5e1cdd6fad6c2c1ebead8d8b87c60c00000000000000000000000000000030759bfb7bc7ade6dcfa69ba5abf7bff79d92e3d07e585a7ddbcbb743648a29b49000000ffff4eef2f3b", "d787e0bf39e0d2e9a707b94bc77329f6")]
    [InlineData(9, "7465737420636f6e74657874", "78da004f00b0ffdbedaefc1c35dc6c0f22b743b03e488747166a51f33479e7ceb8b7e11cc0d2710f624a127501bc4aea7d0af6f83cfe359b9e69415aa537f36adf86eb35b070475baa039bb7791432adbca49578bbd3010000ffff2fed280a", "e85f32a85f1d4f7c9b2d36d20eca8435")]
    [InlineData(10, "7465737400636f6e74657874", "78da004f00b0ff12ede102c3ef730da4f3d4dbfaf11003683238315befe73b21ebb2246ac19f3a7d50abd2a5a365f7652bda670814dbc883ce618256d2d513bd238c2c0dded7614d52bef77bc04273656df97a294323010000ffff7d862843", "e85f32a85f1d4f7c9b2d36d20eca8435")]
    public void A_published_valid_vector_is_decrypted_and_made_again(int number, string context, string deflated, string sha512)
    {
        var (info, stored) = (Convert.FromHexString(context), Inflate(Convert.FromHexString(deflated)));
        var plain = Open(PublishedKey, info, stored);
        Assert.Equal((number, sha512), (number, Convert.ToHexStringLower(SHA512.HashData(plain))[..32]));
        using var again = CobblestoneCipher.Create(PublishedKey, info, stored.AsSpan(0, CobblestoneFormat.SaltBytes));
        Assert.Equal(stored, Seal(again, plain));
    }

    [Theory]
    [InlineData(11, "", "78da004900b6ff0093274a932cb4340ca678d500719d80ccc21f69c49586a8cae519f1ae94a13a97038610177fe840ac755f6604849272444b0de559508a2a00538b8dd8cc3a83e14df1343fa14630a2010000ffffc0482101")]
    [InlineData(12, "", "78daecc0ad4ac4000000e09521d80c0605a351667218c422fee03308168b0856930ac2cc62108cda0493c19fe10f82a0ac0c847b80838383712c8c0dee388e7b8c2bdf7710c79fe5f1722f3f8be66f66ba2f69fd1f1e2eadbc3f2c14d5f7f34e180d374ea65afde47e77f6faf7e8ef6b6d2f9bdb4f1f3f0200000000000000000000000000000060e29eb68b41524e6fb59be6f2f462b50e9acee86eb3baca7fd6b3f3dbd7c5b771000000ffff405c31c6")]
    [InlineData(13, "", "78daecd03f2b05010000f057cfa6f44c647bbadeeb2d46afa4fc2b259b229314dda49405d3ada84b9d5dbe833fb9c19f5516830e9b4224e96e51b7f918b7fc7e1fe177f0d84e6ea7663f0e778edec29ffe9b66393a3eb1de93a59f61233b5bbb6ca52ff15fbb361c9ddcd7df3783ed81ce5c305d74821a00000000000000000000000000000050b97cbf6fe561a9f7777137efae5ecf5f1901000000000000000000000000000080eabd3e7fedc54f17438dd656d98d364ec72607ebc9f7f2f1dd4c73a148cf47fe030000ffff92b93237")]
    [InlineData(15, "", "78daecc0b12a06710000f0ff204a2e3603ddc262e41d9493321819aeee09d4ddcca2bcc1a574c30de8ea3098af0ccaaadcc215311b94f40ddff03dc6b7fc7e67776b7d94befda4f1c767d6dc94ab0bbbdd57f7771ebd276d7bbf3dac0ff565b5f83f7adacb9f8babeffd901ccc56af2b0f0100000000000000000000000000000098baf8224ae6778e1eebeb8d99e397d3c3109aa5eca4dcea6f37c773bfc5723e090000ffff7bd02b04")]
    [InlineData(16, "", "78dad270329c9ddec7ada418b04767c7923331ee2c87262f125d59a0c8be7373eb2fa924762df7ae29ded2bfa34de6579c357a702440af45d1be6fae3c03200000ffff94c01721")]
    [InlineData(17, "", "78da004400bbff679551dfcc4221c2c5f3dfcff2f94fcd7df0dc5d0dac8ceb294cda58ffffbe199532a141b16102b69550faa5e1315a3c823e58b9e3141839e1fd278b80a7dabc12eaa4ed010000ffff54b5266f")]
    [InlineData(18, "", "78daecc0b12b4471000060bc0c86b7db142b13592d06457a0393986c945e49d9a4c46020834ca6b728e58d6f10c5abb798c4c0205ddd72755dfd5e5737ddfd19b77cdf751ec79d85a9b37a66fcf839dbbf99587d3a984fd64e8bc6df58952775b377f8b2d25abeba7f0dd1cfdd7bb27371723e375a3d8c0000000000000000000000000000000043d70f59372d8ff642f4fdff99defe7eec161b5f6f979b938f5bd3e5ecfae2523b6c0f020000ffffe358318d")]
    [InlineData(20, "", "78da003800c7ffe728f14e89526f8830991f461c0fd07601a246a0c94b753ba4fab29386d9e39e72d5e8955f709651b6dedb825c64c984364f74e1b6ac93d6010000ffff198a1ded")]
    [InlineData(21, "", "78da004900b6ffa7bf214ab87afe86ae30940aba6d25aa92d1c26a7c4de03ece1f5f63bd31ca5d9517ce97effb9ce62c4f01433335d070ca3de6243f4cb67a00a4deb622c6b80140d1c88f54ade32fdc010000ffff59a52514")]
    [InlineData(25, "77726f6e6720636f6e74657874", "78da004900b6ff36201844cafc0e596bec8782c560b7b1d065b90a94d227007f07a7185f0c1f449310232a0ff1d5667ece42aff4e7c0359df78ece43b312d50034c80236b5c7900f7eebe540d242b8eb010000ffffc64f22fe")]
    [InlineData(26, "", "78da004900b6ff7c510aa191fdb799b3715106fb9da30a3e314a08a12bf1eed6084369ad9560c21c856d0087e1206c5c1e9a994b3ca98542e0fe1ffef9e23c0091398606b7077f679901eea490bb8f6b010000fffff4792294")]
    [InlineData(31, "", "78daecc0a17281010000e0ed05f6005bd8edb6b6b2956db7b2b6853581843b89eaee0fff398993088222f93d8042f0272fa0090402f5578838e73194efdb546ebb0fe7f1f772300c82bfb7ed7ba691faa9dd3ff6abedf818164abf51b957ff9f4df7f364158f16e9fccbd35df6949bdc0000000000000000000000000000000057f7997c1cc2d7a8b34e76cf5fc556f3120000ffffbcaa2611")]
    [InlineData(32, "", "78daecd0a16a02010000d04b63e558dcda60652c6d61707169e1d8c2eeeac195955b5d5a1af8018a205cd21f106cc72168341d560d06c16e138b41fc0c41defb84d7d44fbbf97b275d3e74af66cd344baef3f2bf5a0751f89ac569b279fb6817f562fb335ef5ffaa4911df3d1e5e0665ef2600000000000000000000000000000000ce2edc7f1ff3e751ebf3371cdedf7e454600000000000000e0f29c020000ffff1b402171")]
    [InlineData(33, "", "78daecd03f2b05010000f0b733ab4b6755a697e17c0352cacef292283bd3934591de88dea0a737bde53248397f4add7a9781c5ee884557eaf23f1fe396dfef23fc36d7c2fbe0f6baa8868eff5e8ee6d7df3e06cb930b717be37b38493a97fdf3a4d91b74b38760fcee77efabb7949e4463dd89a9d30600000000000000000000000000000050bb76da1af909f2e93c5c7cad5a8f9111000000000000000000000000000000a8dfe1ee41b49d75b63ecb99b3d99be668a37cbfa8c2fde795abd59da7b9b85ffc070000ffffa2eb3b6a")]
    [InlineData(34, "", "78daecdcb12a45710080f1534a741ec0a04efe3c00990c1225ca7a504a2906ab4506965327ca2486a37446456723d90d32a0cc6770e77bbbe3ad5b77b90f701fe02cbfdf237c0ff01dbe26559c3d577b5f9fe36ffb633383a993cdb5ed89bc9d5fc5e7df8b2fa1683d4e86cbdbf9bb9b8f68753ded1e87d9d02b3722000000000000000000000000000000a0710b3fe5fbce569adc4fef1e9cce5d3c2902000000000000000000000000000000cd1bf901d4d7ff47cbfd87ecf7af385baa3b2bc3000000ffffe4982ed9")]
    [InlineData(35, "", "78daecc0b14a02010080e10b228a1b8a86a3a0a1a5836a6aaa088a16c1d11344ee0144e516dd1474921b4451dc0e0e074f47c15b1c047510444407e11427411741bd07d0451fc3e5ff7ce65feeedcb5f09ba4fb7f6cffda3e7a56eadf4853ccf8c5b69b9faf11d9abd679f3b37e2fe6a197525eb226cc636ca3a2f000000000000000000000000000000000000000000000080b3536dedb84b4da46bdd68174b8991508b0c7b4eb76c4cbdc9bb57ed212e0cd4df8373d914b7fd8652f8fc0f9c020000ffffa0f7328c")]
    public void A_published_invalid_vector_is_refused(int number, string context, string deflated)
    {
        var refused = Record.Exception(() => Open(PublishedKey, Convert.FromHexString(context), Inflate(Convert.FromHexString(deflated))));
        Assert.True(refused is DamagedContentException, $"vector {number}: {refused}");
    }

    [Theory]
    [InlineData(0, "", "fa6f2af807d2038dc1e15bb9a9d3e0b6ac4901e83cc09b9f5b0f3848c782cb15")]
    [InlineData(11, "context", "8834dfd62f5fdea4dede8fd8ae0c7ce33e8e2c149f6717502a1b498e93db9fe4")]
    [InlineData(16384, "context", "80aa3f5aa148d02f6f2b52d718d175fa1e6d1105b3d961b23313ba49fdf5c213")]
    [InlineData(40000, "a longer context, with a null \0 in it", "abe19aceab83de1261b9b02e8ce8f9e0c7771126ff11a840c5d2d2cc3c621dd2")]
    public void What_another_program_makes_of_the_specification_is_what_the_code_writes(int length, string context, string sha256)
    {
        var plain = Enumerable.Range(0, length).Select(i => (byte)(i * 31)).ToArray();
        var key = Enumerable.Range(0, 32).Select(i => (byte)i).ToArray();
        var salt = Enumerable.Range(100, 24).Select(i => (byte)i).ToArray();
        var info = System.Text.Encoding.ASCII.GetBytes(context);
        using var cipher = CobblestoneCipher.Create(key, info, salt);
        var stored = Seal(cipher, plain);
        Assert.Equal(CobblestoneFormat.SealedLength(length), stored.Length);
        Assert.Equal(length, CobblestoneFormat.PlainLength(stored.Length));
        Assert.Equal(plain, Open(key, info, stored));
        Assert.Equal(sha256, Convert.ToHexStringLower(SHA256.HashData(stored)));
    }

    private static byte[] Seal(CobblestoneCipher cipher, byte[] plain)
    {
        var output = new byte[CobblestoneFormat.SealedLength(plain.Length)];
        cipher.Header.CopyTo(output);
        Assert.Equal(output.Length - CobblestoneFormat.HeaderBytes, cipher.Seal(0, plain, output.AsSpan(CobblestoneFormat.HeaderBytes), final: true));
        return output;
    }

    private static byte[] Open(byte[] key, byte[] context, byte[] stored)
    {
        var plain = new byte[CobblestoneFormat.PlainLength(stored.Length)];
        using var cipher = CobblestoneCipher.Open(key, context, stored.AsSpan(0, CobblestoneFormat.HeaderBytes));
        Assert.Equal(plain.Length, cipher.Open(0, stored.AsSpan(CobblestoneFormat.HeaderBytes), plain));
        return plain;
    }

    // The published texts are deflated, since most of them are zeros before encryption and long.
    private static byte[] Inflate(byte[] packed)
    {
        using var zlib = new ZLibStream(new MemoryStream(packed), CompressionMode.Decompress);
        using var all = new MemoryStream();
        zlib.CopyTo(all);
        return all.ToArray();
    }
}
