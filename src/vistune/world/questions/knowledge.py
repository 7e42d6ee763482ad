"""What a small child knows without a picture: tables of plain facts, each true by itself and without exception."""

from __future__ import annotations

from vistune.world.vocabulary import KINDS

#: animal -> (legs, what it says, what its young is called); None where there is no one answer.
ANIMALS: dict[str, tuple[int | None, str | None, str | None]] = {
    "dog": (4, "woof", "puppy"),
    "cat": (4, "meow", "kitten"),
    "bird": (2, "tweet", None),
    "fish": (0, None, None),
    "cow": (4, "moo", "calf"),
    "horse": (4, "neigh", "foal"),
    "duck": (2, "quack", "duckling"),
    "rabbit": (4, None, None),
    "sheep": (4, "baa", "lamb"),
    "pig": (4, "oink", "piglet"),
    "hen": (2, "cluck", "chick"),
    "mouse": (4, "squeak", None),
    "frog": (4, "croak", "tadpole"),
    "lion": (4, "roar", "cub"),
    "bear": (4, None, "cub"),
    "elephant": (4, None, None),
    "bee": (6, "buzz", None),
    "ant": (6, None, None),
    "spider": (8, None, None),
    "snake": (0, "hiss", None),
    "owl": (2, "hoot", None),
    "goose": (2, None, "gosling"),
    "goat": (4, None, "kid"),
    "wolf": (4, "howl", None),
    "tiger": (4, None, None),
    "fox": (4, None, None),
    "whale": (0, None, None),
    "shark": (0, None, None),
    "butterfly": (6, None, None),
}

FLIERS = ("bird", "bee", "owl", "goose", "duck", "butterfly", "plane", "rocket")
NO_FLIERS = ("dog", "cat", "cow", "horse", "pig", "sheep", "fish", "bear", "elephant", "chair", "table", "car", "tree")
SWIMMERS = ("fish", "whale", "shark")
LAND_ANIMALS = ("cow", "horse", "sheep", "lion", "cat", "hen", "goat", "rabbit", "elephant", "tiger", "fox", "ant")

#: group -> names that surely belong to it.
MEMBERS: dict[str, tuple[str, ...]] = {
    "animal": tuple(ANIMALS),
    "food": (
        *("apple", "banana", "carrot", "cake", "egg", "pizza", "pear", "plum", "potato", "tomato", "sandwich"),
        *("cookie", "lemon", "pancake"),
    ),
    "toy": ("ball", "kite", "drum", "block", "balloon", "doll", "puzzle", "robot"),
    "furniture": ("chair", "table", "bed", "lamp", "sofa", "shelf", "bench", "desk"),
    "vehicle": ("car", "bus", "truck", "boat", "plane", "bike", "train", "tractor"),
    "plant": ("tree", "flower", "cactus", "bush", "rose"),
    "person": ("boy", "girl", "man", "woman", "baby", "teacher", "doctor", "farmer"),
}
#: Groups of which nobody should be asked whether one is also the other: apples and plants, dolls and people.
NEVER_COMPARED = frozenset(
    {frozenset(p) for p in (("food", "plant"), ("food", "animal"), ("animal", "person"), ("toy", "person"))}
    | {frozenset(("toy", "vehicle")), frozenset(("toy", "animal"))}
)
#: Group -> how a question calls one of it.
GROUP_WORDS: dict[str, str] = {
    "animal": "an animal",
    "food": "food",
    "toy": "a toy",
    "furniture": "furniture",
    "vehicle": "a vehicle",
    "plant": "a plant",
    "person": "a person",
}

OPPOSITES: tuple[tuple[str, str], ...] = (
    *(("big", "small"), ("hot", "cold"), ("up", "down"), ("in", "out"), ("day", "night"), ("open", "closed")),
    *(("full", "empty"), ("fast", "slow"), ("happy", "sad"), ("old", "young"), ("wet", "dry"), ("hard", "soft")),
    *(("dark", "light"), ("left", "right"), ("yes", "no"), ("black", "white"), ("good", "bad"), ("clean", "dirty")),
    *(("long", "short"), ("loud", "quiet"), ("first", "last"), ("on", "off"), ("push", "pull"), ("man", "woman")),
    *(("boy", "girl"), ("mother", "father"), ("brother", "sister"), ("above", "below"), ("thick", "thin")),
    *(("awake", "asleep"), ("rich", "poor"), ("strong", "weak"), ("start", "stop"), ("win", "lose"), ("buy", "sell")),
    *(("give", "take"), ("come", "go"), ("sit", "stand"), ("laugh", "cry"), ("north", "south"), ("east", "west")),
    *(
        ("early", "late"),
        ("near", "far"),
        ("before", "after"),
        ("inside", "outside"),
        ("more", "less"),
        ("king", "queen"),
    ),
)

#: Words with several opposites (hard: soft or easy); they are answers, never asked.
NO_ONE_OPPOSITE = frozenset({"short", "hard", "old", "light", "right", "thin", "stand", "take", "stop", "soft", "lose"})

COLOURS_OF: dict[str, str] = {
    "a banana": "yellow",
    "grass": "green",
    "snow": "white",
    "a tomato": "red",
    "a carrot": "orange",
    "coal": "black",
    "milk": "white",
    "a lemon": "yellow",
    "a frog": "green",
    "a pig": "pink",
    "the sky": "blue",
    "chocolate": "brown",
    "the sun": "yellow",
    "a leaf in spring": "green",
    "a fire truck": "red",
    "a pumpkin": "orange",
    "the night": "black",
    "a cloud": "white",
    "a strawberry": "red",
    "a plum": "purple",
}

WEEK = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")
MONTHS = (
    *("january", "february", "march", "april", "may", "june", "july", "august", "september", "october"),
    *("november", "december"),
)
SEASONS = ("spring", "summer", "autumn", "winter")

#: (question, answer, the fact as a sentence): single facts that fit no table.
LOOSE: tuple[tuple[str, str, str], ...] = (
    ("how many days are in a week?", "seven", "a week has seven days."),
    ("how many legs does a chair have?", "four", "a chair has four legs."),
    ("how many wheels does a car have?", "four", "a car has four wheels."),
    ("how many wheels does a bike have?", "two", "a bike has two wheels."),
    ("how many fingers are on one hand?", "five", "one hand has five fingers."),
    ("how many toes are on one foot?", "five", "one foot has five toes."),
    ("how many eyes do you have?", "two", "you have two eyes."),
    ("how many ears do you have?", "two", "you have two ears."),
    ("how many noses do you have?", "one", "you have one nose."),
    ("how many sides does a triangle have?", "three", "a triangle has three sides."),
    ("how many sides does a square have?", "four", "a square has four sides."),
    ("how many seasons are in a year?", "four", "a year has four seasons."),
    ("what do you see with?", "your eyes", "you see with your eyes."),
    ("what do you hear with?", "your ears", "you hear with your ears."),
    ("what do you smell with?", "your nose", "you smell with your nose."),
    ("what do you taste with?", "your tongue", "you taste with your tongue."),
    ("what do you bite with?", "your teeth", "you bite with your teeth."),
    ("what do you wear on your head?", "a hat", "you wear a hat on your head."),
    ("what do you wear on your feet?", "shoes", "you wear shoes on your feet."),
    ("what do you wear on your hands?", "gloves", "you wear gloves on your hands."),
    ("what do you sleep in?", "a bed", "you sleep in a bed."),
    ("what do you sit on?", "a chair", "you sit on a chair."),
    ("what do you read?", "a book", "you read a book."),
    ("what do you drink from?", "a cup", "you drink from a cup."),
    ("what do you eat soup with?", "a spoon", "you eat soup with a spoon."),
    ("what do you cut bread with?", "a knife", "you cut bread with a knife."),
    ("what do you open when it rains?", "an umbrella", "you open an umbrella when it rains."),
    ("what do you turn on when it is dark?", "a lamp", "you turn on a lamp when it is dark."),
    ("what goes on rails?", "a train", "a train goes on rails."),
    ("what falls from the clouds when it is cold?", "snow", "snow falls from the clouds when it is cold."),
    ("what shines in the day?", "the sun", "the sun shines in the day."),
    ("what shines at night?", "the moon", "the moon shines at night."),
    ("what gives milk?", "a cow", "a cow gives milk."),
    ("what makes honey?", "a bee", "a bee makes honey."),
    ("what gives wool?", "a sheep", "a sheep gives wool."),
    ("what lays eggs on the farm?", "a hen", "a hen lays eggs on the farm."),
    ("when does it snow?", "in winter", "it snows in winter."),
    ("when is it hot?", "in summer", "it is hot in summer."),
    ("when do leaves fall?", "in autumn", "leaves fall in autumn."),
    ("when do you sleep?", "at night", "you sleep at night."),
    ("when do you eat breakfast?", "in the morning", "you eat breakfast in the morning."),
    ("where do people cook?", "in the kitchen", "people cook in the kitchen."),
    ("where do people sleep?", "in the bedroom", "people sleep in the bedroom."),
    ("where do cars drive?", "on the street", "cars drive on the street."),
    ("where do boats float?", "on the water", "boats float on the water."),
    ("where do planes fly?", "in the sky", "planes fly in the sky."),
    ("where do cows live?", "on the farm", "cows live on the farm."),
    ("where do fish live?", "in the water", "fish live in the water."),
    ("where do children learn?", "at school", "children learn at school."),
    ("where do bees live?", "in a hive", "bees live in a hive."),
    ("where do birds lay eggs?", "in a nest", "birds lay eggs in a nest."),
    ("who bakes bread?", "a baker", "a baker bakes bread."),
    ("who helps sick people?", "a doctor", "a doctor helps sick people."),
    ("who flies a plane?", "a pilot", "a pilot flies a plane."),
    ("who works on the farm?", "a farmer", "a farmer works on the farm."),
    ("who helps children learn?", "a teacher", "a teacher helps children learn."),
    ("who is the mother of your mother?", "your grandmother", "the mother of your mother is your grandmother."),
    ("who is the father of your father?", "your grandfather", "the father of your father is your grandfather."),
    ("who is the sister of your mother?", "your aunt", "the sister of your mother is your aunt."),
    ("who is the brother of your father?", "your uncle", "the brother of your father is your uncle."),
    ("is ice cold?", "yes", "ice is cold."),
    ("is fire cold?", "no", "fire is hot."),
    ("is a stone soft?", "no", "a stone is hard."),
    ("is a pillow soft?", "yes", "a pillow is soft."),
    ("is sugar sweet?", "yes", "sugar is sweet."),
    ("is a lemon sweet?", "no", "a lemon is sour."),
    ("is the sun hot?", "yes", "the sun is hot."),
    ("is snow hot?", "no", "snow is cold."),
    ("is an elephant bigger than a mouse?", "yes", "an elephant is bigger than a mouse."),
    ("is an ant bigger than a dog?", "no", "an ant is smaller than a dog."),
    ("is a house bigger than a cup?", "yes", "a house is bigger than a cup."),
    ("is an egg bigger than a bus?", "no", "an egg is smaller than a bus."),
)

#: Nouns whose plural is asked.
NOUNS: tuple[str, ...] = (
    *(kind.name for kind in KINDS),
    *("mouse", "child", "foot", "tooth", "goose", "sheep", "knife", "leaf", "baby", "house", "hand", "tree", "day"),
    *("glass", "brush", "peach", "dish", "bench", "spoon", "shirt", "sock", "star", "cloud", "stone", "friend"),
    *("berry", "story", "city", "butterfly", "fox", "wolf", "watch", "dress", "king", "queen", "door", "window"),
)
LETTERS = "abcdefghijklmnopqrstuvwxyz"
